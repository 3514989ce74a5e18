"""What OpenAI refuses of a schema in strict mode (https://platform.openai.com/docs/guides/structured-outputs)."""

from typing import Any

# Supported by the newest models too are pattern, format, minimum, maximum, minItems, maxItems and their like;
# fine-tuned models and many servers refuse them, and so does this one.
_KNOWN = {"type", "enum", "anyOf", "items", "properties", "required", "additionalProperties", "description"}


def fault_of(schema: Any, place: str = "()") -> str | None:
    """What is wrong with a schema; None when nothing is."""
    if not isinstance(schema, dict):
        return f"In context={place}, schema must be an object."
    unknown = sorted(set(schema) - _KNOWN)
    if unknown:
        return f"In context={place}, '{unknown[0]}' is not permitted."
    if not {"type", "anyOf"} & set(schema):
        return f"In context={place}, schema must have a 'type' key."
    if place == "()" and schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'."
    return _fault_of_parts(schema, place)


def _fault_of_parts(schema: dict[str, Any], place: str) -> str | None:
    parts = {f"{place}.anyOf.{number}": each for number, each in enumerate(schema.get("anyOf", []))}
    if schema.get("type") == "array":
        parts[f"{place}.items"] = schema.get("items")
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"In context={place}, 'additionalProperties' is required to be supplied and to be false."
        if set(schema.get("required", [])) != set(properties):
            return f"In context={place}, 'required' is required to include every key in properties."
        parts.update({f"{place}.{name}": each for name, each in properties.items()})
    return next((fault for where, part in parts.items() if (fault := fault_of(part, where))), None)


def example_of(schema: dict[str, Any]) -> Any:
    """The emptiest value that has a schema's shape."""
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][-1])
    if schema["type"] == "object":
        return {name: example_of(each) for name, each in schema["properties"].items()}
    return {"array": [], "string": "text", "integer": 1, "number": 0.5, "boolean": False}.get(schema["type"])
