import type {Server} from '../../../../protocol/address.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import {openTcp} from './tcp-way.ts';
import {openTls} from './tls-way.ts';
import type {Way, WayEvents} from './way.ts';

/** Begin to connect to `server` in the way that its address says. */
export function dial(server: Server, events: WayEvents): Way {
  switch (server.scheme) {
    case 'jangada':
      return openTcp(server, events);
    case 'jangadas':
      return openTls(server, events);
    case 'ssh':
      throw new JangadaError('unsupported', 'ssh:// is not there yet');
  }
}
