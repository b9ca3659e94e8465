"""导入: the one wizard and the one command through which files come in.

Nouns: an ImportBatch (导入批次) – a file, whose columns were mapped to fields, tried in a dry run, then run once; its
result file says for every line what became of it. Features declare what can be imported (`core.feature.Importer`).

States: 已上传 → 已试运行 → 等待执行 → 已完成 | 失败 | 已放弃. Users: whoever holds the importer's permission.

What it promises: a bad file changes nothing; the dry run is the run itself, rolled back; the run is one transaction;
counts add up to the lines of the file. The uploaded file is deleted once it was imported or given up.
"""
