"""Holds what comes over the wire against botocore's models: no element that they do not know, no required member missing."""
import json
import re
import xml.etree.ElementTree as ElementTree

import botocore

# Older models do not know what the services have learnt since.
KNOWS_ALL = tuple(int(part) for part in botocore.__version__.split(".")[:2]) >= (1, 40)


def check(client):
    client.meta.events.register("response-received", lambda **seen: _check(client, **seen))
    return client


def _check(client, response_dict, event_name, parsed_response=None, **_):
    if parsed_response is None or response_dict["status_code"] >= 300:
        return
    model = client.meta.service_model
    operation = event_name.split(".")[-1]
    shape = model.operation_model(operation).output_shape
    body = response_dict["body"]
    strange = []
    if shape is None or getattr(body, "read", None):
        pass
    elif model.metadata["protocol"] == "json":
        _json(shape, json.loads(body or "{}"), operation, strange)
    elif body:
        _xml(shape, _content(model, shape, body), operation, strange)
    if strange:
        raise AssertionError("\n".join(strange))


def _content(model, shape, body):
    root = ElementTree.fromstring(re.sub(rb'\sxmlns(:\w+)?="[^"]*"', b"", body, count=2))
    wrapper = shape.serialization.get("resultWrapper")
    if wrapper:
        return root.find(wrapper)
    if model.metadata["protocol"] == "ec2":
        for child in root.findall("requestId"):
            root.remove(child)
    return root


def _structure(shape, given, path, strange, names):
    if KNOWS_ALL:
        strange += [f"{path}.{name}: unknown" for name in given if name not in names.values()]
    strange += [f"{path}.{name}: missing" for name in shape.required_members if names.get(name, name) not in given]


def _json(shape, value, path, strange):
    if value is None:
        return
    if shape.type_name == "structure":
        _structure(shape, value, path, strange, {name: name for name in shape.members})
        for name, member in shape.members.items():
            _json(member, value.get(name), f"{path}.{name}", strange)
    elif shape.type_name == "list":
        for item in value:
            _json(shape.member, item, f"{path}[]", strange)
    elif shape.type_name == "map":
        for item in value.values():
            _json(shape.value, item, f"{path}{{}}", strange)


def _xml(shape, element, path, strange):
    if element is None:
        return
    if shape.type_name == "structure":
        payload = shape.serialization.get("payload")
        if payload:
            return _xml(shape.members[payload], element, f"{path}.{payload}", strange)
        in_body = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
        names = {name: _element_name(name, member) for name, member in in_body.items()}
        _structure(shape, {child.tag for child in element}, path, strange, names)
        for name, member in in_body.items():
            for child in element.findall(names[name]):
                flat = member.type_name == "list" and member.serialization.get("flattened")
                _xml(member.member if flat else member, child, f"{path}.{name}", strange)
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        for child in element:
            if child.tag != item and KNOWS_ALL:
                strange.append(f"{path}: items are called {child.tag}, not {item}")
            _xml(shape.member, child, f"{path}[]", strange)


def _element_name(name, member):
    if member.type_name == "list" and member.serialization.get("flattened"):
        return member.member.serialization.get("name", member.serialization.get("name", name))
    return member.serialization.get("name", name)
