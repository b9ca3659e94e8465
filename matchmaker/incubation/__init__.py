"""孵化载体与在孵企业: carriers of every type and the way of a firm from application to graduation.

Nouns: a *Carrier* (苗圃, 众创空间, 孵化器, 加速器, 产业园 …) has a type, a level, an operator and an area split.
A *Tenancy* is one firm's stay in one carrier, with entry, due and exit dates and, at its end, a *graduation proof*.

States: carrier 筹建 → 运营 → 认定 → 评价, with 整改 and 摘牌 aside;
tenancy 申请 → 评审 → 入驻 → 在孵 → 毕业 → 加速 → 入园, with 续期, 退出, 清退, 不予入驻 and 撤回申请 aside.

Users: carrier managers keep applications and stays, enterprises apply, bureau handlers see what is due and count.
"""
