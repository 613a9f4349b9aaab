import type {Server} from '../../../../protocol/address.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import type {Ssh} from './ssh/ssh.ts';
import {openSsh} from './ssh/ssh-way.ts';
import {openTcp} from './tcp-way.ts';
import {openTls} from './tls-way.ts';
import type {Way, WayEvents} from './way.ts';

/** Begin to connect to `server` over TCP, TLS or ssh, as its address says. */
export function dial(server: Server, events: WayEvents, ssh: Ssh | undefined): Way {
  switch (server.scheme) {
    case 'jangada':
      return openTcp(server, events);
    case 'jangadas':
      return openTls(server, events);
    case 'ssh':
      if (ssh === undefined) {
        throw new JangadaError('internal', 'No ssh was given for an ssh:// address');
      }

      return openSsh(server, events, ssh);
  }
}
