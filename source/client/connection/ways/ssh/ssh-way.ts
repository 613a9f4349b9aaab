/** A server that ssh starts on the other machine. Its standard input and output carry the connection. */
import type {SshServer} from '../../../../../protocol/address.ts';
import type {Way, WayEvents} from '../way.ts';
import type {Channel} from './channel.ts';
import {LastWords} from './last-words.ts';
import type {Ssh} from './ssh.ts';
import {sshError} from './ssh-error.ts';

/** Begin to start a server on the other machine, as soon as `ssh` is logged in. */
export function openSsh(server: SshServer, events: WayEvents, ssh: Ssh): Way {
  return new SshWay(server, events, ssh);
}

class SshWay implements Way {
  readonly #server: SshServer;
  readonly #events: WayEvents;
  readonly #ssh: Ssh;
  readonly #stop = new AbortController();
  #channel: Channel | undefined;
  #hasAnswered = false;

  constructor(server: SshServer, events: WayEvents, ssh: Ssh) {
    this.#server = server;
    this.#events = events;
    this.#ssh = ssh;
    void this.#start();
  }

  get destroyed(): boolean {
    return this.#stop.signal.aborted;
  }

  write(bytes: Uint8Array): void {
    this.#channel?.input.write(bytes);
  }

  resume(): void {
    if (!this.destroyed) {
      this.#channel?.resume();
    }
  }

  destroy(): void {
    if (!this.destroyed) {
      this.#stop.abort();
      this.#channel?.input.destroy();
      this.#channel?.output.destroy();
      // A channel does not end by itself if its connection is stalled.
      this.#channel?.child.kill();
    }
  }

  async #start(): Promise<void> {
    const {signal} = this.#stop;
    const events = this.#events;
    try {
      await this.#ssh.login(this.#server, {signal});
      const channel = await this.#ssh.channel(this.#server, {
        room: () => events.room(),
        read: (count, buffer) => {
          this.#hasAnswered = true;
          return events.read(count, buffer);
        },
      });
      this.#listen(channel);
      if (this.destroyed) {
        channel.output.destroy();
        channel.child.kill();
      } else {
        this.#channel = channel;
        events.open(undefined);
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      events.closed();
    }
  }

  #listen({child, input, output}: Channel): void {
    // First of all: if no descriptor is left, the child has no streams, and only this event.
    child.on('error', error => this.#fail(this.#ssh.startError(error)));
    const words = child.stderr ? new LastWords(child.stderr) : undefined;
    // Ignored: the exit of the process tells why writing or reading failed.
    input.on('error', () => {});
    output.on('error', () => {});
    // With `onread`, the stream reports its end only while it flows.
    output.resume();
    const isRead = new Promise<void>(resolve => {
      output.once('end', resolve);
      output.once('close', resolve);
    });
    child.on('close', async (status, signal) => {
      // The stream may still hold its last lines.
      await isRead;
      this.#fail(
        sshError(
          this.#server,
          {status: status ?? signal ?? 'an unknown signal', lines: words?.lines ?? []},
          {
            hasAnswered: this.#hasAnswered,
            isSilent: true,
            remoteCommand: this.#ssh.remoteCommand,
          },
        ),
      );
      this.#events.closed();
    });
  }

  #fail(error: Error): void {
    if (!this.destroyed) {
      this.#events.failed(error);
    }
  }
}
