// The precompiled header needs one object file to belong to; this is it.
