import Verdicts

/// The JSON schema (draft 2020-12) of `check --json`.
enum CheckSchema {
  static var text: String {
    let outcomes = Outcome.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    return """
      {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "qverify check",
        "type": "object",
        "required": ["schemaVersion", "tool", "status", "exitStatus", "command", "conformance",
          "generator", "cases", "implementations", "judges", "agreement", "clusters"],
        "additionalProperties": false,
        "properties": {
          "schemaVersion": {"const": 1},
          "tool": {"type": "string"},
          "status": {"enum": ["conforms", "deviates", "usage", "notStarted", "database",
            "judgesDisagree", "interrupted", "terminated"]},
          "exitStatus": {"type": "integer", "minimum": 0, "maximum": 255},
          "command": {"type": "string"},
          "conformance": {"type": "string"},
          "generator": {"type": "integer", "minimum": 1},
          "seed": {"type": "string", "pattern": "^[0-9]+$"},
          "selection": {"type": "string"},
          "cases": {"type": "integer", "minimum": 0},
          "run": {"type": "integer", "minimum": 1},
          "database": {"type": "string"},
          "implementations": {"type": "array", "items": {"$ref": "#/$defs/implementation"}},
          "judges": {"type": "array", "items": {"$ref": "#/$defs/judgement"}},
          "coverage": {"$ref": "#/$defs/coverage"},
          "agreement": {"type": "array", "items": {"$ref": "#/$defs/pair"}},
          "clusters": {"type": "array",
            "items": {"type": "array", "items": {"type": "string"}, "minItems": 1}}
        },
        "$defs": {
          "pair": {
            "type": "object",
            "required": ["first", "second", "compared", "differing"],
            "additionalProperties": false,
            "properties": {
              "first": {"type": "string"},
              "second": {"type": "string"},
              "compared": {"$ref": "#/$defs/count"},
              "differing": {"$ref": "#/$defs/count"}
            }
          },
          "coverage": {
            "type": "object",
            "required": ["bins", "covered", "groups"],
            "additionalProperties": false,
            "properties": {
              "bins": {"$ref": "#/$defs/count"},
              "covered": {"$ref": "#/$defs/count"},
              "groups": {"type": "array", "items": {
                "type": "object",
                "required": ["group", "bins", "covered", "holes"],
                "additionalProperties": false,
                "properties": {
                  "group": {"type": "string"},
                  "bins": {"$ref": "#/$defs/count"},
                  "covered": {"$ref": "#/$defs/count"},
                  "holes": {"type": "array", "items": {"type": "string"}}
                }
              }}
            }
          },
          "count": {"type": "integer", "minimum": 0},
          "accuracyClass": {"type": "string",
            "pattern": "^(correctlyRounded\\\\((even|away|up)\\\\)|nearest|faithful|within\\\\([0-9]+\\\\)|none)$"},
          "outcome": {"enum": [\(outcomes)]},
          "counts": {
            "type": "object",
            "required": ["cases", "vacuous", "outcomes", "outputs", "mismatchedOutputs", "departedOutputs",
              "largestError"],
            "additionalProperties": false,
            "properties": {
              "cases": {"$ref": "#/$defs/count"},
              "vacuous": {"$ref": "#/$defs/count"},
              "outcomes": {"type": "object", "propertyNames": {"$ref": "#/$defs/outcome"},
                "additionalProperties": {"$ref": "#/$defs/count"}},
              "outputs": {"$ref": "#/$defs/count"},
              "mismatchedOutputs": {"$ref": "#/$defs/count"},
              "departedOutputs": {"$ref": "#/$defs/count"},
              "largestError": {"$ref": "#/$defs/count"},
              "accuracyClass": {"$ref": "#/$defs/accuracyClass"}
            }
          },
          "implementation": {
            "type": "object",
            "required": ["name", "version", "kind", "total", "cells", "failures", "causes"],
            "additionalProperties": false,
            "properties": {
              "name": {"type": "string"},
              "version": {"type": "string"},
              "kind": {"type": "string"},
              "bitExact": {"type": "boolean"},
              "total": {"$ref": "#/$defs/counts"},
              "cells": {"type": "array", "items": {
                "type": "object",
                "required": ["operator", "types", "profile", "class", "counts"],
                "additionalProperties": false,
                "properties": {
                  "operator": {"type": "string"},
                  "types": {"type": "string"},
                  "profile": {"type": "string"},
                  "class": {"type": "string"},
                  "counts": {"$ref": "#/$defs/counts"}
                }
              }},
              "failures": {"type": "array", "items": {"$ref": "#/$defs/failure"}},
              "causes": {"type": "array", "items": {
                "type": "object",
                "required": ["conclusion", "cause", "explained", "wrong", "contradicted", "right"],
                "additionalProperties": false,
                "properties": {
                  "conclusion": {"enum": ["explains", "nearest", "unexplained"]},
                  "cause": {"type": "string"},
                  "explained": {"$ref": "#/$defs/count"},
                  "wrong": {"$ref": "#/$defs/count"},
                  "contradicted": {"$ref": "#/$defs/count"},
                  "right": {"$ref": "#/$defs/count"}
                }
              }}
            }
          },
          "failure": {
            "type": "object",
            "required": ["id", "outcome", "types", "profile", "classes", "message", "differing",
              "compared", "repeatCommand"],
            "additionalProperties": false,
            "properties": {
              "id": {"type": "string"},
              "index": {"$ref": "#/$defs/count"},
              "outcome": {"$ref": "#/$defs/outcome"},
              "types": {"type": "string"},
              "profile": {"type": "string"},
              "classes": {"type": "array", "items": {"type": "string"}},
              "message": {"type": "string"},
              "element": {"$ref": "#/$defs/count"},
              "expected": {"type": "integer"},
              "got": {"type": "integer"},
              "exact": {"type": "string", "pattern": "^-?[0-9]+(/[0-9]+)?$"},
              "differing": {"$ref": "#/$defs/count"},
              "compared": {"$ref": "#/$defs/count"},
              "repeatCommand": {"type": "string"}
            }
          },
          "judgement": {
            "type": "object",
            "required": ["check", "checked", "disagreements"],
            "additionalProperties": false,
            "properties": {
              "check": {"type": "string"},
              "checked": {"$ref": "#/$defs/count"},
              "disagreements": {"$ref": "#/$defs/count"}
            }
          }
        }
      }
      """
  }
}
