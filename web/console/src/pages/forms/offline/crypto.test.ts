import { expect, test } from 'vitest';
import { changePin, newRing, openRing, seal, sealBytes, unseal, unsealBytes, WrongPin } from './crypto.ts';

test('what is kept opens by the ring again, and is not readable as it lies there', async () => {
  const { ring, key } = await newRing();
  const sealed = await seal(key, { name: '王小明', id: '330282' });
  expect(new TextDecoder().decode(sealed.data)).not.toContain('330282');
  expect(await unseal(await openRing(ring, null), sealed)).toEqual({ name: '王小明', id: '330282' });
  const bytes = new Uint8Array([1, 2, 3]).buffer;
  expect(new Uint8Array(await unsealBytes(key, await sealBytes(key, bytes)))).toEqual(new Uint8Array([1, 2, 3]));
});

test('neither key can be read out by a script', async () => {
  const { ring, key } = await newRing();
  await expect(crypto.subtle.exportKey('raw', ring.device)).rejects.toThrow();
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
});

test('with a PIN only the PIN opens it; changing and removing it keeps what was kept', async () => {
  const { ring, key } = await newRing();
  const sealed = await seal(key, 'kept');
  const pinned = await changePin(ring, null, '246810', 1000);
  await expect(openRing(pinned, null)).rejects.toBeInstanceOf(WrongPin);
  await expect(openRing(pinned, '246811')).rejects.toBeInstanceOf(WrongPin);
  expect(await unseal(await openRing(pinned, '246810'), sealed)).toBe('kept');
  await expect(changePin(pinned, '1', '2', 1000)).rejects.toBeInstanceOf(WrongPin);
  const other = await changePin(pinned, '246810', '135791', 1000);
  await expect(openRing(other, '246810')).rejects.toBeInstanceOf(WrongPin);
  const without = await changePin(other, '135791', null, 1000);
  expect(await unseal(await openRing(without, null), sealed)).toBe('kept');
});

test('another ring does not open it, and a changed byte is noticed', async () => {
  const [one, two] = [await newRing(), await newRing()];
  const sealed = await seal(one.key, 'mine');
  await expect(unseal(two.key, sealed)).rejects.toThrow();
  new Uint8Array(sealed.data)[0]! ^= 1;
  await expect(unseal(one.key, sealed)).rejects.toThrow();
});
