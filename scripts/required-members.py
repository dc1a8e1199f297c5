"""Writes test/helpers/required-members.json: what the services' models say that structures of answers always have. Needs botocore."""
import json
import pathlib

import botocore.session

SERVICES = {
    "autoscaling": "autoscaling",
    "cloudwatch": "monitoring",
    "ec2": "ec2",
    "elbv2": "elasticloadbalancing",
    "logs": "logs",
    "sqs": "sqs",
    "ssm": "ssm",
    "sts": "sts",
}


def visit(shape, seen):
    if shape is None or shape.name in seen:
        return
    seen[shape.name] = []
    if shape.type_name == "structure":
        seen[shape.name] = shape.required_members
        for member in shape.members.values():
            visit(member, seen)
    elif shape.type_name == "list":
        visit(shape.member, seen)
    elif shape.type_name == "map":
        visit(shape.value, seen)


found = {}
for name, signing_name in SERVICES.items():
    model = botocore.session.get_session().get_service_model(name)
    seen = {}
    for operation in model.operation_names:
        visit(model.operation_model(operation).output_shape, seen)
    found[signing_name] = {shape: members for shape, members in sorted(seen.items()) if members}

target = pathlib.Path(__file__).parent.parent / "test" / "helpers" / "required-members.json"
target.write_text(json.dumps(found, indent=2) + "\n")
