"""What imports plug into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.core.feature import Feature, Job, Link
from matchmaker.imports import cli, jobs, lists, views

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "imports.uploaded": "上传导入文件",
    "imports.done": "完成导入",
    "imports.abandoned": "放弃导入",
}

FEATURE = Feature(
    name="imports",
    title="导入",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("imports.run", "执行排队的导入", jobs.run_queued, every=timedelta(seconds=10)),),
    commands=(cli.imports,),
    links=(Link("导入", "imports.index", "directory:record:import", icon="upload", group="主体库", order=39),),
    lists=(lists.BATCHES,),
)
