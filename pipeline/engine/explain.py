"""Explain why a step was or would be recomputed, by comparing keys part by part."""

from collections.abc import Mapping
from typing import Any

from pipeline.engine.graph import Graph
from pipeline.engine.store import Store


def explain(graph: Graph, store: Store, name: str) -> list[str]:
    """Describe in lines how a step is computed and what changed since its last run."""
    step, parts = graph.steps[name], graph.parts(name)
    entry = store.entry(name, graph.key(name))
    others = [old for old in store.entries(name) if old["key"] != graph.key(name)]
    lines = [f"step        {name}", f"function    {step.function}"]
    if entry is not None:
        lines.append(f"computed    {_when(entry)}")
    elif others:
        lines.append(f"computed    not with these settings and code; last {_when(others[0])}")
    else:
        lines.append("computed    never")
    lines += [
        f"parameter   {key} = {_short(value)}" for key, value in sorted(step.parameters.items())
    ]
    lines += [
        f"reads       {need} ({'stored' if store.entry(need, graph.key(need)) else 'not stored'})"
        for need in step.dependencies
    ]
    versions = ", ".join(f"{library} {version}" for library, version in parts["libraries"].items())
    lines.append(f"code        {len(parts['code'])} functions and constants of this project")
    lines.append(
        f"libraries   {versions or 'none that affects results'}; device: {parts['device']}"
    )
    lines.append(f"key         {graph.key(name)}")
    if others:
        title = (
            "changed since the previous run" if entry else "would run, changed since the last run"
        )
        lines.append(f"{title} ({_when(others[0])}):")
        lines += [f"  {line}" for line in changes(graph, store, name, others[0]["parts"])]
    return lines


def reason(graph: Graph, store: Store, name: str) -> str:
    """Return in a few words why a step would run."""
    if store.is_incomplete(name, graph.key(name)):
        return "stored value is damaged"
    entries = store.entries(name)
    if not entries:
        return "never computed"
    found = changes(graph, store, name, entries[0]["parts"])
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return found[0] + more if found else "stored value is missing"


def changes(graph: Graph, store: Store, name: str, old: Mapping[str, Any]) -> list[str]:
    """Describe in lines which parts of a step's key differ from `old`; see `Graph.parts`."""
    new = graph.parts(name)
    lines: list[str] = []
    for part in ("format", "function", "device"):
        if old[part] != new[part]:
            lines.append(f"{part}: {old[part]} -> {new[part]}")
    for place in sorted({*old["code"], *new["code"]}):
        before, now = old["code"].get(place), new["code"].get(place)
        if before != now:
            how = "new" if before is None else "no longer used" if now is None else "edited"
            lines.append(f"code: {place} {how}")
    for part in ("libraries", "parameters"):
        lines += _differences(part, old[part], new[part])
    return lines + _inputs(graph, store, name, old["inputs"])


def _inputs(graph: Graph, store: Store, name: str, old: Mapping[str, Any]) -> list[str]:
    """Describe changes in a step's inputs, traced back to the steps where they began."""
    lines: list[str] = []
    sources: dict[str, tuple[str, str | None]] = {}
    for argument, source in graph.steps[name].inputs.items():
        before = old.get(argument)
        if isinstance(source, str):
            sources[argument] = source, before if isinstance(before, str) else None
        else:
            known = before if isinstance(before, dict) else {}
            for label, inner in source.items():
                sources[f"{argument}.{label}"] = inner, known.get(label)
            lines += [
                f"input {argument}.{label}: removed" for label in known if label not in source
            ]
    lines += [
        f"input {argument}: removed" for argument in old if argument not in graph.steps[name].inputs
    ]
    for argument, (source, key) in sources.items():
        if key is None:
            lines.append(f"input {argument}: new ({source})")
        elif key != graph.key(source):
            entry = store.entry(source, key)
            why = changes(graph, store, source, entry["parts"]) if entry else ["no longer stored"]
            lines += [
                line if line.startswith("input ") else f"input {source}: {line}" for line in why
            ]
    return list(dict.fromkeys(lines))


def _differences(name: str, old: Any, new: Any) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            line
            for key in sorted({*old, *new})
            for line in _differences(f"{name}.{key}", old.get(key), new.get(key))
        ]
    if _plain(old) == _plain(new):
        return []
    return [f"{name}: {_short(old)} -> {_short(new)}"]


def _plain(value: Any) -> Any:
    """Convert tuples to lists, as JSON does."""
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _short(value: Any) -> str:
    if isinstance(value, dict) and len(str(value)) > 100:
        return f"{len(value)} entries"
    text = "absent" if value is None else str(value)
    return text if len(text) <= 100 else text[:97] + "..."


def _when(entry: Mapping[str, Any]) -> str:
    return (
        f"{str(entry['finished']).replace('T', ' ').partition('+')[0]} UTC in {entry['seconds']} s"
    )
