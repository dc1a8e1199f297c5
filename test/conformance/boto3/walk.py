"""boto3, unmodified: IAM, S3, load balancing and what else the other tests leave out, every answer held against its model."""
import os

import boto3
from botocore.config import Config

from shapes import check

config = Config(retries={"max_attempts": 1}, connect_timeout=5, read_timeout=30)


def client(name):
    return check(boto3.client(name, config=config, endpoint_url=os.environ["AWS_ENDPOINT_URL"]))


POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}'
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'


def iam():
    iam = client("iam")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=POLICY)["Policy"]["Arn"]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1"
    document = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    assert document["Statement"][0]["Action"] == "sqs:*", document
    assert arn in [policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"]]

    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["r"]
    iam.put_role_policy(RoleName="r", PolicyName="in", PolicyDocument=POLICY)
    assert iam.list_role_policies(RoleName="r")["PolicyNames"] == ["in"]
    assert iam.get_role_policy(RoleName="r", PolicyName="in")["PolicyDocument"]["Statement"]
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    assert iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"][0]["PolicyArn"] == arn
    iam.create_instance_profile(InstanceProfileName="i")
    iam.add_role_to_instance_profile(InstanceProfileName="i", RoleName="r")
    assert iam.list_instance_profiles_for_role(RoleName="r")["InstanceProfiles"][0]["InstanceProfileName"] == "i"
    assert iam.list_instance_profiles()["InstanceProfiles"][0]["Roles"][0]["RoleName"] == "r"
    iam.remove_role_from_instance_profile(InstanceProfileName="i", RoleName="r")
    iam.delete_instance_profile(InstanceProfileName="i")
    iam.detach_role_policy(RoleName="r", PolicyArn=arn)
    iam.delete_role_policy(RoleName="r", PolicyName="in")
    iam.delete_role(RoleName="r")

    iam.create_user(UserName="u")
    assert iam.get_user(UserName="u")["User"]["UserName"] == "u"
    assert "u" in [user["UserName"] for user in iam.list_users()["Users"]]
    key = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
    assert [each["AccessKeyId"] for each in iam.list_access_keys(UserName="u")["AccessKeyMetadata"]] == [key]
    iam.put_user_policy(UserName="u", PolicyName="in", PolicyDocument=POLICY)
    assert iam.list_user_policies(UserName="u")["PolicyNames"] == ["in"]
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    assert iam.list_attached_user_policies(UserName="u")["AttachedPolicies"][0]["PolicyName"] == "p"
    iam.detach_user_policy(UserName="u", PolicyArn=arn)
    iam.delete_user_policy(UserName="u", PolicyName="in")
    iam.delete_access_key(UserName="u", AccessKeyId=key)
    iam.delete_user(UserName="u")


def s3():
    s3 = client("s3")
    s3.create_bucket(Bucket="walk", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    assert "Status" not in s3.get_bucket_versioning(Bucket="walk")
    s3.put_object(Bucket="walk", Key="a/ü", Body=b"x", Tagging="k=v")
    s3.put_object_tagging(Bucket="walk", Key="a/ü", Tagging={"TagSet": [{"Key": "x", "Value": "y"}]})
    assert s3.get_object_tagging(Bucket="walk", Key="a/ü")["TagSet"] == [{"Key": "x", "Value": "y"}]
    s3.delete_object_tagging(Bucket="walk", Key="a/ü")
    listed = s3.list_objects_v2(Bucket="walk", Delimiter="/")
    assert listed["CommonPrefixes"] == [{"Prefix": "a/"}], listed
    upload = s3.create_multipart_upload(Bucket="walk", Key="big")["UploadId"]
    assert [each["UploadId"] for each in s3.list_multipart_uploads(Bucket="walk")["Uploads"]] == [upload]
    s3.upload_part(Bucket="walk", Key="big", UploadId=upload, PartNumber=1, Body=b"1")
    s3.list_parts(Bucket="walk", Key="big", UploadId=upload)
    s3.abort_multipart_upload(Bucket="walk", Key="big", UploadId=upload)
    s3.delete_objects(Bucket="walk", Delete={"Objects": [{"Key": "a/ü"}]})
    s3.list_buckets()
    s3.delete_bucket(Bucket="walk")


def load_balancing():
    elb, ec2 = client("elbv2"), client("ec2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
    group = ec2.describe_security_groups()["SecurityGroups"][0]
    made = elb.create_load_balancer(Name="l", Subnets=subnets[:2])["LoadBalancers"][0]["LoadBalancerArn"]
    elb.describe_load_balancer_attributes(LoadBalancerArn=made)
    elb.set_security_groups(LoadBalancerArn=made, SecurityGroups=[group["GroupId"]])
    elb.set_subnets(LoadBalancerArn=made, Subnets=subnets)
    target = elb.create_target_group(Name="t", Protocol="HTTP", Port=80, VpcId=group["VpcId"])
    forward = [{"Type": "forward", "TargetGroupArn": target["TargetGroups"][0]["TargetGroupArn"]}]
    listener = elb.create_listener(LoadBalancerArn=made, Protocol="HTTP", Port=80, DefaultActions=forward)
    rule = elb.create_rule(
        ListenerArn=listener["Listeners"][0]["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/x"]}],
        Actions=forward,
    )
    elb.delete_rule(RuleArn=rule["Rules"][0]["RuleArn"])
    elb.delete_load_balancer(LoadBalancerArn=made)


def the_rest():
    cloudwatch, logs, sqs = client("cloudwatch"), client("logs"), client("sqs")
    cloudwatch.enable_alarm_actions(AlarmNames=[])
    logs.create_log_group(logGroupName="/walk")
    logs.put_retention_policy(logGroupName="/walk", retentionInDays=7)
    logs.delete_retention_policy(logGroupName="/walk")
    queue = sqs.create_queue(QueueName="walk")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    handle = sqs.receive_message(QueueUrl=queue)["Messages"][0]["ReceiptHandle"]
    entries = [{"Id": "1", "ReceiptHandle": handle, "VisibilityTimeout": 0}, {"Id": "2", "ReceiptHandle": "none"}]
    changed = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=entries)
    assert ([done["Id"] for done in changed["Successful"]], changed["Failed"][0]["Id"]) == (["1"], "2"), changed


iam()
s3()
load_balancing()
the_rest()
print("done")
