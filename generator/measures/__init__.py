"""Measures: named quantities per entity, computed once from the datasets and then frozen."""
