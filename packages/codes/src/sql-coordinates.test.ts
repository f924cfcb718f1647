import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wgs84ToGcj02 } from './coordinates.ts';
import { sqlGcj02ToWgs84, sqlWgs84ToGcj02 } from './sql-coordinates.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

test('the shift in SQL is that of the package, and its inverse leads back within a billionth of a degree', async () => {
  const points = Array.from({ length: 40 }, (_, i): [number, number] => [
    80 + ((i * 37) % 45),
    20 + ((i * 17) % 28) + i / 100,
  ]);
  const rows = (
    await connection.runAndReadAll(
      `SELECT x, y, ${sqlWgs84ToGcj02("{'x': x, 'y': y}")} AS g, ${sqlGcj02ToWgs84(sqlWgs84ToGcj02("{'x': x, 'y': y}"))} AS w
       FROM (VALUES ${points.map(([x, y]) => `(${x}::DOUBLE, ${y}::DOUBLE)`).join(', ')}) t(x, y)`,
    )
  ).getRowObjectsJS() as { x: number; y: number; g: { x: number; y: number }; w: { x: number; y: number } }[];
  for (const { x, y, g, w } of rows) {
    const [gx, gy] = wgs84ToGcj02([x, y]);
    expect(Math.max(Math.abs(g.x - gx), Math.abs(g.y - gy))).toBeLessThan(1e-9);
    expect(Math.max(Math.abs(w.x - x), Math.abs(w.y - y))).toBeLessThan(1e-9);
  }
});
