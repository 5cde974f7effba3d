"""The sender function. Importing any module of it makes the packaged libraries importable first."""

from sms_sender import libraries

libraries.find()
