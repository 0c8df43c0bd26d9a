"""The builder: a draft of what consumers see, step by step, beside the real pages as they would be."""
