"""产学研联盟: alliances of enterprises, universities and institutes, and the projects they share.

Nouns: an *Alliance* has *members* (one of them the lead), an *agreement* with a term and an IP clause, bodies (理事会,
专家委员会, 秘书处) and joint *projects*; a project's results are shared in *shares* that sum to 100 %.

States: 筹建 → 协议签署 → 备案审核 → 运行 → 年度报告 → 运行 …, with 整改 and 解散 aside.

Users: the lead keeps the records, members sign and see their shares, bureau handlers file and review.
"""
