"""How well a question is understood before anything is looked up; no model is asked."""
