"""产学研联盟: alliances of enterprises, universities and institutes, and the projects they share.

Nouns: an *Alliance* has *members* (one of them the lead) and an *agreement* with a term and an IP clause, which every
member signs; a *JointProject* divides its IP and its income in *shares* that sum to 100 % each.

States: 筹建 → 协议签署 → 备案审核 → 运行 → 年度报告 → 运行 …, with 整改 and 解散 aside.

Users: the lead keeps the records, owners of the members sign, bureau handlers file, return and review.
"""
