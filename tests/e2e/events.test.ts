/**
 * Events in a real browser: a citizen reports without an account, the seat that is called about the same finds it before filing, who is responsible
 * handles it in the field without a network and with a lost answer, the dispatcher checks and closes it, the citizen rates it.
 */
import { crc32, deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { expectSound, settled } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();

interface Page {
  event: { id: number; state: string; reports: number; rating: number | null };
  steps: { action: string }[];
  pictures: { kind: string }[];
}

/** A plain picture. */
function picture(): Buffer {
  const [width, height] = [120, 90];
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const pixels = deflateSync(Buffer.alloc((1 + width * 3) * height));
  const sign = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([sign, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

test('a report of a citizen is recognised by the seat, handled without a network, checked, closed and rated', async () => {
  // A place of this run's own: another event there would rightly be taken for the same.
  const now = Date.now();
  const letter = (n: number) => '梅兰竹菊松柏桂枫柳杏'[Math.floor(now / 10 ** n) % 10];
  const street = `${letter(2)}${letter(3)}${letter(4)}路`;
  const house = 100 + (now % 800);
  const where = `浒山街道${street} ${house} 号`;

  // A citizen, without an account.
  const citizen = await city.nobody({ size: 'phone' });
  await citizen.page.goto(`${city.url}/report`);
  await settled(citizen.page);
  await citizen.page.getByLabel('什么事').fill(`${street} ${house} 号门前垃圾堆了一地，电话 13712345678`);
  await citizen.page.getByLabel('地址').fill(where);
  await citizen.page.getByRole('button', { name: '提交' }).click();
  await citizen.page.getByText('已收到，谢谢').waitFor();
  await expectSound(citizen, '/report');
  await citizen.page.getByRole('button', { name: '查看进度' }).click();
  await citizen.page.getByText('137****5678').waitFor();
  await expectSound(citizen, '/report/follow');
  const number = await citizen.page.getByLabel('案卷号').inputValue();

  // The seat is called about the same: it is found before anything is filed, and joined when it is.
  const duty = await city.as('duty');
  await duty.page.goto(`${city.url}/events/new`);
  await settled(duty.page);
  await duty.page.getByLabel('来话内容').fill(`${street}${house}号门口好大一堆垃圾`);
  await duty.page.getByLabel('地址').fill(where);
  await duty.page.locator('.event-likely .num', { hasText: number }).waitFor();
  await expectSound(duty, '/events/new');
  await duty.page.getByRole('button', { name: '登记', exact: true }).click();
  await duty.page.getByText(`已并入案卷 ${number}`).waitFor();
  await duty.page.getByRole('link', { name: '打开案卷' }).click();
  await duty.page.waitForURL(/\/events\/\d+$/);
  await settled(duty.page);
  await duty.page.getByText('为什么是同一事件').first().click();
  await expectSound(duty, '/events/$event');
  const id = Number(new URL(duty.page.url()).pathname.split('/')[2]);
  const look = () => city.ask<Page>('duty', `/api/v1/events/${id}`);
  expect((await look()).event).toMatchObject({ state: 'dispatched', reports: 2 });

  // In the field: accepted and handled without a network, sent when there is one; the first answer gets lost.
  const field = await city.as('field', { size: 'phone' });
  await field.page.goto(`${city.url}/field`);
  await field.page.locator(`a[href="/field/tasks/${id}"]`).waitFor();
  await settled(field.page);
  await expectSound(field, '/field');
  await field.page.goto(`${city.url}/field/report?tab=waiting`);
  await field.page.getByText('本机保存与保护').click();
  await field.page.getByText('页面已存在本机').waitFor();
  await field.context.setOffline(true);
  await field.page.goto(`${city.url}/field/tasks/${id}`);
  const go = (name: string) => field.page.locator('.ant-btn-lg', { hasText: name }).click();
  await go('接收任务');
  await field.page.locator('.field-steps').getByRole('button', { name: '处理反馈' }).click();
  await field.page.getByLabel('怎么处理的').fill('垃圾已清运');
  const album = field.page.locator('input[type="file"]').nth(1);
  await album.setInputFiles({ name: 'done.png', mimeType: 'image/png', buffer: picture() });
  await field.page.locator('.event-taken img').waitFor();
  await field.page.getByRole('alert').waitFor({ state: 'detached' });
  await expectSound(field, '/field/tasks/$event');
  await go('处理反馈');
  await field.page.waitForURL(/\/field$/);
  expect((await look()).event.state).toBe('dispatched');
  let lost = 0;
  await field.context.route('**/api/v1/events/operations', async (route) => {
    if (lost) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await field.context.setOffline(false);
  await field.page.goto(`${city.url}/field/report?tab=waiting`);
  const line = field.page.locator('.collect-line');
  await line.getByText(/都已送出|稍后自动再送/).waitFor();
  const again = line.getByRole('button', { name: '立即送出' });
  if (await again.isVisible()) await again.click();
  await line.getByText('都已送出').waitFor();
  await expectSound(field, '/field/report?tab=waiting');
  const handled = await look();
  expect(lost).toBe(1);
  expect(handled.event.state).toBe('handled');
  expect(handled.steps.map((s) => s.action).filter((a) => a === 'accept' || a === 'finish')).toEqual([
    'accept',
    'finish',
  ]);
  expect(handled.pictures.map((x) => x.kind)).toEqual(['done']);
  await field.context.close();

  // Checked and closed.
  await duty.page.goto(`${city.url}/events/queue?waits=handled&event=${id}`);
  await duty.page.locator('.event-chosen').getByText(number).first().waitFor();
  await settled(duty.page);
  await expectSound(duty, '/events/queue');
  await duty.page.getByRole('button', { name: '核查通过，结案' }).click();
  await duty.page.getByRole('dialog').getByRole('button', { name: '确定' }).click();
  await duty.page.getByText('已办理：').waitFor();
  await duty.context.close();

  // The citizen is answered, and says what they think.
  await citizen.page.reload();
  await citizen.page.getByText('垃圾已清运').waitFor();
  await citizen.page.locator('.ant-rate-star').nth(4).click();
  await citizen.page.getByRole('button', { name: '提交评价' }).click();
  await citizen.page.getByText('您已评价').waitFor();
  await citizen.context.close();
  expect((await look()).event).toMatchObject({ state: 'closed', rating: 5 });
});
