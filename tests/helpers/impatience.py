"""The attachment function without the time that it gives IAM and other stacks."""

import io
import re
import zipfile

PATIENCE = re.compile(rb"^(_IAM_SPREADS|SECOND_LOOK) = [\d.]+", re.MULTILINE)


def impatient(zipped):
    """For the place of `deploy._zipped`."""

    def packaged(package):
        content = zipped(package)
        if package != "pool_attachment":
            return content
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as patient, zipfile.ZipFile(buffer, "w") as hasty:
            for name in patient.namelist():
                hasty.writestr(name, PATIENCE.sub(rb"\1 = 0.2", patient.read(name)))
        return buffer.getvalue()

    return packaged
