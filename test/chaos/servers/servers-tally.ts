/** Counts the events of three servers and their client, and how many bytes the client has received. */
export class ServersTally {
  rounds = 0;
  runs = 0;
  /** How many of the runs found no server at their start, and said so. */
  gaveUp = 0;
  bytesReceived = 0;
  bytesServed = 0;
  readonly events = new Map<string, number>();

  get eventCount(): number {
    return [...this.events.values()].reduce((sum, count) => sum + count, 0);
  }

  lines(): string[] {
    const events = [...this.events].map(([kind, count]) => `${count} ${kind}`);
    return [
      `${this.eventCount} events in ${this.rounds} rounds, ${this.runs} runs of the client (${this.gaveUp} found no server): ${events.join(', ')}`,
      `received ${(this.bytesReceived / 1e6).toFixed(1)} MB, ` +
        `${(this.bytesReceived / (this.rounds * this.bytesServed)).toFixed(3)} times the tree in each round`,
    ];
  }
}
