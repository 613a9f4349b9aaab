/** The server on the screen; of several servers, how many answer. Changes are shown as messages. */
import {formatAddress} from '../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {Client} from '../../client/client.ts';
import {newsSentence} from '../../client/servers/server-news.ts';
import {say} from '../text/say.ts';
import type {Messages} from './messages.ts';

export class ServerWatch {
  readonly #client: Pick<Client, 'address' | 'servers'>;
  readonly #main: DisplayText;
  readonly #end: () => void;

  constructor(client: Pick<Client, 'address' | 'servers'>, messages: Messages) {
    this.#client = client;
    this.#main = displayName(formatAddress(client.address).replace('jangada://', ''));
    this.#end = client.servers.onNews(news => messages.say(newsSentence(news)));
  }

  /** The main server and, if there are others, how many of all answer. */
  get words(): DisplayText {
    const {addresses, isSeveral, there} = this.#client.servers;
    return isSeveral
      ? say`${this.#main} (${there.length} of ${addresses.length} servers)`
      : this.#main;
  }

  close(): void {
    this.#end();
  }
}
