/** A column with so many rows or more grows by so many at a time: if it doubled, a million rows would leave room for another million. */
const mostMore = 65_536;

/** The memory of a full column, with room for more rows. `column` loses its memory now, not at the next garbage collection. */
export function longer(column: Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>): ArrayBuffer {
  const {length, BYTES_PER_ELEMENT} = column;
  return column.buffer.transfer((length + Math.min(length, mostMore)) * BYTES_PER_ELEMENT);
}
