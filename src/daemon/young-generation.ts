import { setFlagsFromString } from "node:v8";

// V8 lets its young generation grow from 1 MiB to 16 MiB, three times over, while modules load and events come in
// bursts, and gives little of it back. What lives long here is small: with a young generation that stays as it is, a
// daemon that manages takes 72 MiB instead of 80 when idle, 94 instead of 114 after 20,000 changes of the default, and
// no more processor time (Node 20.20, x86_64).
setFlagsFromString("--semi-space-growth-factor=1");
