"""个人信息台账: what personal data an event still holds, why and until when; deletion with proof."""
