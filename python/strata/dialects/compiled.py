"""The SQL of every model as dbt compiles it for an engine, without the engine: nothing is connected to."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from strata.errors import BuildError

# dbt asks the engine how many days lie between two dates; their number changes nothing that is examined here.
_OFFLINE = """
{% macro default__get_intervals_between(start_date, end_date, datepart) -%}
    {{ return(1000) }}
{%- endmacro %}
"""
_LINKED = ("dbt_project.yml", "profiles.yml", "models", "seeds", "tests")


def compile_models(root: Path, target: str) -> dict[str, str]:
    """Model name -> compiled SQL. target: of profiles.yml; its adapter has to be installed, its engine not running.

    Raises BuildError when dbt cannot compile.
    """
    with tempfile.TemporaryDirectory(prefix="strata-dialects-") as folder:
        place = Path(folder)
        for name in _LINKED:
            (place / name).symlink_to(root / name)
        # Copied, for dbt follows no link below a folder that it searches.
        macros = place / "macros"
        shutil.copytree(root / "macros", macros)
        (macros / "offline.sql").write_text(_OFFLINE, encoding="utf-8")
        out = place / "target"
        command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-use-colors", "compile"]
        command += ["--no-introspect", "--no-populate-cache", "--target", target, "--select", "resource_type:model"]
        command += ["--project-dir", str(place), "--profiles-dir", str(place)]
        command += ["--target-path", str(out), "--log-path", str(place / "logs")]
        environment = {**os.environ, "STRATA_BUILD_DB": str(place / "build.duckdb"), "DO_NOT_TRACK": "1"}
        environment.pop("DBT_TARGET_PATH", None)
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stdout + done.stderr).strip()[-600:]
            raise BuildError(
                f"dbt cannot compile for {target}: {last}", "see that its adapter is installed: make dialects does it"
            )
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        project = manifest["metadata"]["project_name"]
        return {
            node["name"]: (out / "compiled" / project / node["original_file_path"]).read_text(encoding="utf-8")
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model" and node["config"]["enabled"]
        }
