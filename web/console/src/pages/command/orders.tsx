/** Orders and decisions with their receipts; meetings. */
import { Button, Input, Radio, Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Failure } from '../../components/states.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { type Operation, useAct } from './shared.tsx';
import { useOrganisations } from './tasks.tsx';

export function Orders({ o }: { o: Operation }) {
  const { t, say } = useSpeech();
  const { id } = o.head;
  const options = useOrganisations();
  const [kind, setKind] = useState<'order' | 'decision'>('order');
  const [text, setText] = useState('');
  const [to, setTo] = useState<string[]>([]);
  const give = useAct(
    (_: undefined, key: string) =>
      api.post('/api/v1/command/operations/{id}/orders', {
        params: { id },
        body: { kind, text: text.trim(), organisations: kind === 'order' ? to : [], key },
      }),
    () => setText(''),
  );
  return (
    <div className="stack">
      {o.mayAct && o.head.state === 'running' ? (
        <Panel title={t('command.give')}>
          <div className="stack-s">
            <Radio.Group
              aria-label={t('command.kind')}
              value={kind}
              onChange={(e) => setKind(e.target.value as 'order')}
              options={[
                { value: 'order', label: t('command.order') },
                { value: 'decision', label: t('command.decision') },
              ]}
            />
            {kind === 'order' ? (
              <Select
                mode="multiple"
                aria-label={t('command.organisation')}
                placeholder={t('command.organisation')}
                optionFilterProp="label"
                options={options}
                value={to}
                onChange={setTo}
              />
            ) : null}
            <Input.TextArea
              aria-label={t('command.text')}
              rows={3}
              maxLength={2000}
              value={text}
              onChange={(e) => setText(e.target.value)}
            />
            <span>
              <Button
                type="primary"
                disabled={!text.trim() || (kind === 'order' && !to.length)}
                loading={give.isPending}
                onClick={() => give.mutate(undefined)}
              >
                {t('command.give')}
              </Button>
            </span>
            {give.isError ? <Failure error={give.error} /> : null}
          </div>
        </Panel>
      ) : null}
      {o.meetings.length ? (
        <Panel title={t('command.meetings')}>
          <ul className="command-list">
            {o.meetings.map((m) => (
              <li key={m.id}>
                <a href={m.url} target="_blank" rel="noreferrer noopener">
                  {m.title}
                </a>{' '}
                <span className="small quiet">
                  {instant(m.startsAt)} · {m.madeBy}
                </span>
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
      {o.orders.length === 0 ? <Empty title={t('command.no-orders')} /> : null}
      {o.orders.map((x) => (
        <Panel
          key={x.id}
          title={`${t(`command.${x.kind}`)} ${x.id}`}
          extra={<span className="quiet">{`${x.givenBy} · ${instant(x.givenAt)}`}</span>}
        >
          <p>{x.text}</p>
          <p className="row small">
            {x.receipts.map((r) => (
              <Label key={r.organisation.id} tone={r.receivedAt ? 'good' : 'warn'}>
                {say(r.organisation.name)}{' '}
                {r.receivedAt
                  ? `${t('command.received')} ${instant(r.receivedAt).slice(11, 16)}`
                  : t('command.not-received')}
              </Label>
            ))}
          </p>
        </Panel>
      ))}
    </div>
  );
}
