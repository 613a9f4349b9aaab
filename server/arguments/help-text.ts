import {defaultPort} from '../../protocol/address.ts';
import {defaultPauseMs} from '../classic/classic-options.ts';
import {logLevels} from '../log-levels.ts';

export const helpText = `Usage: jangada-server [OPTION]... [DIR]
       jangada-server token add NAME [--folder PATH] [--expires DATE]
       jangada-server token list | remove NAME

Serve the folder DIR (without it: the current one), read-only, until it is stopped.

  --host HOST          host or address to listen on (127.0.0.1: this machine alone)
  --port PORT          port to listen on; 0: any that is free (${defaultPort})
  --workers N          threads that compute hashes (one for each core)
  --max-connections N  connections at once, from all clients together (64)
  --max-connections-per-address N
                       connections at once from one address (32)
  --trust-proxy ADDRESS[,ADDRESS...]
                       balancers, or networks of them such as 10.0.0.0/8, that say with the PROXY
                       protocol who their clients are; then TLS and tokens as on any network
  --drain SECONDS      when it is to stop: go on serving for so long, while balancers that ask are
                       told to send clients elsewhere (0)
  --grace SECONDS      then: answers under way may take so long, and are broken off (5)
  --tls                TLS also where only this machine reaches the server
  --tls-cert FILE, --tls-key FILE
                       own certificate and key in PEM, read again on SIGHUP
  --tls-min VERSION    oldest version of TLS: 1.2 or 1.3 (1.3)
  --insecure           no TLS, whoever reaches the server
  --token-file FILE    tokens, one a line: any of them lets a client in
  --no-token           no token, whoever reaches the server
  --stdio              serve one client at standard input and output, as ssh://HOST/DIR
                       starts it; ends when that leaves, and logs warnings alone
  --restrict DIR       with --stdio, as command="jangada-server --stdio --restrict DIR" in
                       authorized_keys: the key sees DIR and what is in it, nothing else
  --limit RATE         bytes per second for all clients together, such as 500k or 10M
  --digests DIR        keep the digests of blocks in DIR, outside of what is served, for servers of
                       several machines; none: in memory alone (in the folder for state)
  --classic            answer old clients on the same port, too, and people with nc: docs/classic.md
  --classic-pause MS   milliseconds between two messages of that dialogue (${defaultPauseMs})
  --log-level LEVEL    ${logLevels.join(', ')} (info)
  --help               show this text
  --version            show the version

With any other host than 127.0.0.1 the server speaks TLS and asks for a token. It makes a
certificate and a first token at its first start, and keeps them in its folder for state.
The printed address has both in it: it is all that a client needs, and a secret. token add
makes a further token, for a folder below DIR or until a day if you like; tokens may be
added and removed while the server runs.

When all places are taken, the connection
that has asked for nothing for longest gives its own to a newcomer.

One line on standard output says the address to start a client with; logs go to standard
error as JSON. SIGTERM or Ctrl-C ends it, see --drain and --grace; a second one ends it at once.

Exit status: 0 stopped as asked; 1 it cannot serve; 2 wrong usage.`;
