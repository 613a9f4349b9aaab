import {defaultPort} from '../protocol/address.ts';
import {defaultPauseMs} from './classic/classic-options.ts';
import {logLevels} from './log-levels.ts';

export const helpText = `Usage: jangada-server [OPTION]... [DIR]

Serve the folder DIR (without it: the current one), read-only, until it is stopped.

  --host HOST          host or address to listen on (127.0.0.1: this machine alone)
  --port PORT          port to listen on; 0: any that is free (${defaultPort})
  --workers N          threads that compute hashes (one for each core)
  --max-connections N  connections at once, from all clients together (64)
  --max-connections-per-address N
                       connections at once from one address (32)
  --limit RATE         bytes per second for all clients together, such as 500k or 10M
  --classic            answer old clients on the same port, too, and people with nc: docs/classic.md
  --classic-pause MS   milliseconds between two messages of that dialogue (${defaultPauseMs})
  --log-level LEVEL    ${logLevels.join(', ')} (info)
  --help               show this text
  --version            show the version

With any other host than 127.0.0.1 everybody who can reach that address can fetch what is
served, without a password or encryption. When all places are taken, the connection
that has asked for nothing for longest gives its own to a newcomer.

One line on standard output says the address to start a client with; logs go to standard
error as JSON. SIGTERM or Ctrl-C ends it: what is being answered may finish for some seconds.

Exit status: 0 stopped as asked; 1 it cannot serve; 2 wrong usage.`;
