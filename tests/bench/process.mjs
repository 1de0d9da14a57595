// What a running program uses, as /proc tells it.
import { readFileSync } from 'node:fs';

const TICKS_PER_S = 100;

/** Bytes by the names of /proc/PID/status: VmRSS, RssAnon … */
export function memory(pid) {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]) * 1024;
    return { rss: bytes('VmRSS'), anonymous: bytes('RssAnon') };
}

/** Seconds of processor, its own apart from those of the children that it waited for. */
export function processor(pid) {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    return { own: (fields[11] + fields[12]) / TICKS_PER_S, children: (fields[13] + fields[14]) / TICKS_PER_S };
}
