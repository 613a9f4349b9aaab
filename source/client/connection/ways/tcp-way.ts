import {connect, type NetConnectOpts, type OnReadOpts, type Socket} from 'node:net';
import type {TcpServer} from '../../../../protocol/address.ts';
import type {Way, WayEvents} from './way.ts';

/** Begin to connect to `server` over TCP. */
export function openTcp(server: TcpServer, events: WayEvents): Way {
  const socket = connect(socketOptions(server, events));
  listen(socket, events);
  // What is sent waits in the socket until there is a connection.
  queueMicrotask(() => events.open(undefined));
  return socket;
}

/** The options of a socket, also of one with TLS, that reads into the memory that `events` names. */
export function socketOptions(
  {host, port}: {host: string; port: number},
  events: WayEvents,
): NetConnectOpts & {onread: OnReadOpts} {
  return {
    host,
    port,
    noDelay: true,
    onread: {
      buffer: () => events.room(),
      callback: (count, buffer) => events.read(count, buffer),
    },
  };
}

/** Tell `events` what becomes of `socket`, and begin to read. */
export function listen(socket: Socket, events: WayEvents): void {
  socket.on('error', error => events.failed(error));
  socket.on('end', () => events.ended());
  socket.on('close', () => events.closed());
  // With `onread` no data event comes, but the end of the stream is seen only while it flows.
  socket.resume();
}
