"""The public pages: what the treatment is, how it works, what it costs in effort and risk, who does it."""
