import json
import unittest

from file_worker.jobs import BadMessage, Job, parse


class Parse(unittest.TestCase):
    def test_reads_jobs_with_their_content_and_jobs_that_name_an_object(self) -> None:
        self.assertEqual(parse('{"job":"a","content":"hello"}'), [Job("a", "a.txt", content="hello")])
        self.assertEqual(
            parse('{"job":"b","bucket":"files","key":"in/scan.pdf"}'),
            [Job("b", "scan.pdf", bucket="files", key="in/scan.pdf")],
        )

    def test_reads_event_notifications_of_s3(self) -> None:
        record = {"s3": {"bucket": {"name": "files"}, "object": {"key": "in/my+%E6%96%87.pdf"}}}
        (job,) = parse(json.dumps({"Records": [record]}))
        self.assertEqual((job.bucket, job.key, job.name), ("files", "in/my 文.pdf", "my 文.pdf"))
        self.assertEqual(parse('{"Event":"s3:TestEvent"}'), [])

    def test_refuses_what_is_no_job(self) -> None:
        for body in ("no json", "[]", "{}", '{"job":"a"}', '{"Records":[{}]}'):
            with self.assertRaises(BadMessage):
                parse(body)
