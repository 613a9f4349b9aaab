import {connect, type NetConnectOpts, type OnReadOpts, type Socket} from 'node:net';
import type {TcpServer} from '../../../../protocol/address.ts';
import type {Way, WayEvents} from './way.ts';

/** Begin to connect to `server` over TCP. */
export function openTcp(server: TcpServer, events: WayEvents): Way {
  const socket = connect(socketOptions(server, events));
  listen(socket, events);
  // Bytes that are written before the connection is open wait in the socket.
  queueMicrotask(() => events.open(undefined));
  return socket;
}

/** The options of a socket (with or without TLS) that reads into the memory that `events` names. */
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

/** Report the events of `socket` to `events`, and begin to read. */
export function listen(socket: Socket, events: WayEvents): void {
  socket.on('error', error => events.failed(error));
  socket.on('end', () => events.ended());
  socket.on('close', () => events.closed());
  // With `onread` there are no data events, but the stream reports its end only while it flows.
  socket.resume();
}
