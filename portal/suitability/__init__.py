"""Health answers, signed verdicts, holds, and the gate: the pure function that every booking of a treatment passes."""
