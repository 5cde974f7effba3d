"""A user's side of USER_SRP_AUTH, from the protocol's description (RFC 5054, with Cognito's HKDF and message)."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets

# The 3072-bit group of RFC 5054.
N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2


class SrpClient:
    def __init__(self, cognito, pool_id, client_id):
        self._cognito = cognito
        self._pool_name = pool_id.partition("_")[2]
        self._client_id = client_id

    def sign_in(self, username, password, **more):
        """InitiateAuth and the answer to PASSWORD_VERIFIER; what Cognito says to that."""
        small_a = secrets.randbelow(N)
        large_a = pow(G, small_a, N)
        challenge = self._cognito.initiate_auth(
            ClientId=self._client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": username, "SRP_A": f"{large_a:x}", **more},
        )
        given = challenge["ChallengeParameters"]
        user_id = given["USER_ID_FOR_SRP"]
        key = _key(
            self._pool_name, small_a, large_a, int(given["SRP_B"], 16), int(given["SALT"], 16), user_id, password
        )
        timestamp = _timestamp()
        block = base64.b64decode(given["SECRET_BLOCK"])
        message = self._pool_name.encode() + user_id.encode() + block + timestamp.encode()
        return self._cognito.respond_to_auth_challenge(
            ClientId=self._client_id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses={
                "USERNAME": user_id,
                "PASSWORD_CLAIM_SECRET_BLOCK": given["SECRET_BLOCK"],
                "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
                "TIMESTAMP": timestamp,
                **more,
            },
        )


class DeviceClient:
    """A device's side: the verifier for ConfirmDevice, and the answers to its two challenges."""

    def __init__(self, cognito, client_id, metadata, password="the device's own"):
        self._cognito = cognito
        self._client_id = client_id
        self.key, self.group = metadata["DeviceKey"], metadata["DeviceGroupKey"]
        self.password = password

    def verifier_config(self):
        salt = secrets.randbits(127)
        identity = hashlib.sha256(f"{self.group}{self.key}:{self.password}".encode()).digest()
        verifier = pow(G, _hash(_padded(salt) + identity), N)
        encoded = {"PasswordVerifier": verifier, "Salt": salt}
        return {name: base64.b64encode(_padded(number)).decode() for name, number in encoded.items()}

    def confirm(self, access_token, **more):
        return self._cognito.confirm_device(
            AccessToken=access_token, DeviceKey=self.key, DeviceSecretVerifierConfig=self.verifier_config(), **more
        )

    def prove(self, username):
        """DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER, without a session, as some apps do."""
        small_a = secrets.randbelow(N)
        large_a = pow(G, small_a, N)
        who = {"USERNAME": username, "DEVICE_KEY": self.key}
        challenge = self._respond("DEVICE_SRP_AUTH", {**who, "SRP_A": f"{large_a:x}"})
        given = challenge["ChallengeParameters"]
        large_b, salt = int(given["SRP_B"], 16), int(given["SALT"], 16)
        key = _key(self.group, small_a, large_a, large_b, salt, self.key, self.password)
        timestamp = _timestamp()
        block = base64.b64decode(given["SECRET_BLOCK"])
        message = self.group.encode() + self.key.encode() + block + timestamp.encode()
        signature = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
        proof = {"PASSWORD_CLAIM_SECRET_BLOCK": given["SECRET_BLOCK"], "PASSWORD_CLAIM_SIGNATURE": signature}
        return self._respond("DEVICE_PASSWORD_VERIFIER", {**who, **proof, "TIMESTAMP": timestamp})

    def _respond(self, challenge, responses):
        return self._cognito.respond_to_auth_challenge(
            ClientId=self._client_id, ChallengeName=challenge, ChallengeResponses=responses
        )


def _key(name, small_a, large_a, large_b, salt, user_id, password):
    """`name` is the part of the pool's id after the underscore, or a device's group."""
    u = _hash(_padded(large_a) + _padded(large_b))
    identity = hashlib.sha256(f"{name}{user_id}:{password}".encode()).digest()
    x = _hash(_padded(salt) + identity)
    k = _hash(_padded(N) + _padded(G))
    shared = pow(large_b - k * pow(G, x, N), small_a + u * x, N)
    extracted = hmac.digest(_padded(u), _padded(shared), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]


def _padded(number):
    """Big endian bytes with a leading zero where the first bit would read as a sign."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(data):
    return int.from_bytes(hashlib.sha256(data).digest(), "big")


def _timestamp():
    now = dt.datetime.now(dt.UTC)
    return f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now:%Y}"
