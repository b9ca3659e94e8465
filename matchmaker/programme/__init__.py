"""日程: days, sessions, rooms, speakers and session sign-up of an event; copies and series of events."""
