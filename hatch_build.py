"""Build hook: compiles the translation catalogues, in wheels and in editable installs alike."""

import runpy
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):
    def initialize(self, version, build_data):
        catalogues = runpy.run_path(str(Path(self.root) / "matchmaker" / "core" / "catalogues.py"))
        catalogues["compile_stale"](Path(self.root) / "matchmaker" / "translations")
