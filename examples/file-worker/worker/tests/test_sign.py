import unittest

from file_worker.aws.sign import Credentials, sign


class Sign(unittest.TestCase):
    def test_gives_the_signatures_of_the_published_examples(self) -> None:
        credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        for method, signature in (
            ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ):
            url = "https://example.amazonaws.com/"
            headers = sign(credentials, "us-east-1", "service", method, url, {}, b"", "20150830T123600Z")
            self.assertTrue(headers["authorization"].endswith(f"Signature={signature}"))
