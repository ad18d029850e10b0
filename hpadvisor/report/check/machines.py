"""Findings for editors and CI: JSON, SARIF, GitHub, GitLab and JUnit."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hpadvisor import __version__
from hpadvisor.checking.findings import CheckResult, Finding
from hpadvisor.checking.rules import CheckRule
from hpadvisor.visible import json_text, visible

SCHEMA_VERSION = "1.0"
_SARIF_LEVELS = {"error": "error", "warning": "warning", "note": "note"}
_GITLAB = {"error": "critical", "warning": "major", "note": "info"}


def json_report(result: CheckResult) -> str:
    """Return the published JSON form: formats per path, findings, files that were not read."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "formats": {
            file.path: (file.formats[0] if file.formats else None) for file in result.files
        },
        "findings": [finding.to_json() for finding in result.findings],
        "errors": [
            {"path": file.path, "line": file.error.line, "message": file.error.what}
            for file in result.files
            if file.error is not None
        ],
        "unread": [{"path": item.path, "reason": item.reason} for item in result.unread],
        "fixes": [
            {"path": item.path, "line": item.line, "rule": item.rule,
             "before": item.before, "after": item.after}
            for item in result.mended
        ],
        "summary": {
            "files": len(result.files),
            "hidden_by_ignores": result.hidden_by_ignores,
            "hidden_by_baseline": result.hidden_by_baseline,
            "hidden_by_base": result.hidden_by_base,
            "fixed": result.fixed,
        },
    }  # fmt: skip
    return json_text(document) + "\n"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of :func:`json_report`."""
    text, integer, boolean = (
        {"type": "string"},
        {"type": "integer", "minimum": 0},
        {"type": "boolean"},
    )
    edit = _object({"start": integer, "end": integer, "text": text})
    fix = _object({"safe": boolean, "note": text, "edits": {"type": "array", "items": edit}})
    finding = _object(
        {
            **dict.fromkeys(("rule", "title", "path", "key_path", "message", "advice"), text),
            **dict.fromkeys(("line", "column", "end_line", "end_column"), integer),
            "severity": {"enum": ["error", "warning", "note"]},
            "persona": {"enum": ["default", "pedantic"]},
            "confidence": {"enum": ["high", "medium", "low"]},
            "fix": {"anyOf": [{"type": "null"}, fix]},
        }
    )
    error = _object({"path": text, "line": {"type": ["integer", "null"]}, "message": text})
    unread = _object({"path": text, "reason": text})
    mended = _object({**dict.fromkeys(("path", "rule", "before", "after"), text), "line": integer})
    counts = ("files", "hidden_by_ignores", "hidden_by_baseline", "hidden_by_base", "fixed")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hpadvisor check",
        **_object(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "formats": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "null"]},
                },
                "findings": {"type": "array", "items": finding},
                "errors": {"type": "array", "items": error},
                "unread": {"type": "array", "items": unread},
                "fixes": {"type": "array", "items": mended},
                "summary": _object(dict.fromkeys(counts, integer)),
            }
        ),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def sarif_report(result: CheckResult) -> str:
    """Return SARIF 2.1.0, with persona and confidence kept as properties."""
    rules = sorted({finding.rule.id: finding.rule for finding in result.findings}.items())
    index = {name: number for number, (name, _) in enumerate(rules)}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "hpadvisor",
                        "version": __version__,
                        "rules": [_sarif_rule(rule) for _, rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(f, index[f.rule.id]) for f in result.findings],
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {"level": "warning", "message": {"text": str(file.error)}}
                            for file in result.files
                            if file.error is not None
                        ],
                    }
                ],
            }
        ],
    }
    return json_text(document) + "\n"


def _sarif_rule(rule: CheckRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why or rule.title},
        "help": {"text": rule.advice},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
        "properties": {"persona": rule.persona, "confidence": rule.confidence},
    }


def _sarif_result(finding: Finding, index: int) -> dict[str, Any]:
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. {finding.advice}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.path)},
                    "region": {
                        "startLine": finding.line,
                        "startColumn": finding.column,
                        "endLine": finding.end_line,
                        "endColumn": max(
                            finding.end_column,
                            finding.column if finding.end_line == finding.line else 1,
                        ),
                    },
                },
                "logicalLocations": [{"fullyQualifiedName": finding.key_path}],
            }
        ],
        "partialFingerprints": {"ruleAndKeyPath/v1": _fingerprint(finding)},
        "properties": {
            "persona": finding.rule.persona,
            "confidence": finding.rule.confidence,
        },
    }


def _uri(path: str) -> str:
    return quote(Path(path).as_posix(), errors="surrogateescape")


def _fingerprint(finding: Finding) -> str:
    return hashlib.sha256("\0".join(finding.key).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def github_report(result: CheckResult) -> str:
    """Return workflow commands that GitHub shows beside the lines."""
    words = {"error": "error", "warning": "warning", "note": "notice"}
    return "".join(
        f"::{words[f.severity]} file={_property(f.path)},line={f.line},col={f.column},"
        f"endLine={f.end_line},title={_property(f.rule.id + ' ' + f.rule.title)}"
        f"::{_data(f.message + '. ' + f.advice)}\n"
        for f in result.findings
    )


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def gitlab_report(result: CheckResult) -> str:
    """Return GitLab's code quality report."""
    seen: dict[str, int] = {}
    entries = []
    for finding in result.findings:
        mark = _fingerprint(finding)
        seen[mark] = seen.get(mark, 0) + 1
        entries.append(
            {
                "description": f"{finding.message}. {finding.advice}",
                "check_name": finding.rule.id,
                "fingerprint": mark if seen[mark] == 1 else f"{mark}-{seen[mark]}",
                "severity": _GITLAB[finding.severity],
                "location": {
                    "path": Path(finding.path).as_posix(),
                    "lines": {"begin": finding.line, "end": finding.end_line},
                },
            }
        )
    return json_text(entries) + "\n"


def junit_report(result: CheckResult) -> str:
    """Return JUnit XML: a suite per file, a failed case per finding."""
    from xml.etree import ElementTree as Xml

    findings = result.findings
    unread = sum(1 for file in result.files if file.error is not None)
    root = Xml.Element(
        "testsuites", name="hpadvisor check", tests=str(len(result.files)),
        failures=str(len(findings)), errors=str(unread),
    )  # fmt: skip
    for file in result.files:
        cases = max(1, len(file.findings))
        suite = Xml.SubElement(
            root, "testsuite", name=_xml(file.path), tests=str(cases),
            failures=str(len(file.findings)), errors=str(int(file.error is not None)),
        )  # fmt: skip
        for finding in file.findings:
            name = f"{finding.rule.id}:{finding.line}:{finding.column}"
            case = Xml.SubElement(suite, "testcase", name=name, classname=_xml(file.path))
            failure = Xml.SubElement(
                case, "failure", message=_xml(finding.message), type=finding.severity
            )
            failure.text = _xml(f"{file.path}:{finding.line}: {finding.advice}")
        if not file.findings:
            case = Xml.SubElement(suite, "testcase", name="check", classname=_xml(file.path))
            if file.error is not None:
                Xml.SubElement(case, "error", message=_xml(str(file.error)))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _xml(text: str) -> str:
    """Write out the control characters, which XML 1.0 cannot hold or a viewer would not show."""
    return visible(text).replace("\ufffe", "").replace("\uffff", "")
