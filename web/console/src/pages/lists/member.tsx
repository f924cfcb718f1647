/** One member of a list: why it is on it, and where its case stands; a word on it is kept with who said it and when. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Input, Select } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { day, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Cell } from '../credit/cell.tsx';
import { stateTitle } from './list.tsx';

type Detail = Answer<'/api/v1/libraries/lists/{list}'>;

export function MemberDrawer({ list, entity, onClose }: { list: Detail; entity: number; onClose: () => void }) {
  const { t, say } = useSpeech();
  const params = { list: list.id, entity };
  const member = useQuery({
    queryKey: ['lists', list.id, 'member', entity],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/lists/{list}/members/{entity}', { params, signal }),
  });
  return (
    <Drawer open onClose={onClose} size="min(640px, 96vw)" title={t('lists.case')}>
      <Loaded query={member}>
        {(data) => (
          <div className="stack">
            <Facts>
              <Fact label={t('lists.name')} wide>
                <Cell cell={data.name} />
              </Fact>
              <Fact label={t('lists.number')}>
                <Cell cell={data.number} mono />
              </Fact>
              <Fact label={t('lists.address')} wide>
                <Cell cell={data.address} />
              </Fact>
              <Fact label={t('lists.reason')} wide>
                {data.reason ?? '—'}
              </Fact>
              <Fact label={t('lists.due')}>{day(data.due)}</Fact>
              <Fact label={t('lists.since')}>{day(data.since)}</Fact>
            </Facts>
            <Word key={`${data.state}-${data.at}`} list={list} entity={entity} state={data.state} />
            <section className="stack-s" aria-label={t('lists.case')}>
              {data.entries.length ? null : <p className="quiet">{t('lists.nothing-said')}</p>}
              {data.entries.map((e) => (
                <div key={e.at} className="note">
                  <p className="strong">{stateTitle(list, e.state, say)}</p>
                  {e.comment ? <p>{e.comment}</p> : null}
                  <p className="small quiet">
                    {e.by} · {instant(e.at)}
                  </p>
                </div>
              ))}
            </section>
            {data.stays.length ? (
              <section className="stack-s">
                <h3>{t('lists.stays')}</h3>
                {data.stays.map((s) => (
                  <p key={s.since} className="small">
                    {day(s.since)} – {day(s.until)} {t(`lists.ending.${s.ending}`)}
                  </p>
                ))}
              </section>
            ) : null}
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}

function Word({ list, entity, state }: { list: Detail; entity: number; state: string }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [chosen, setChosen] = useState(state);
  const [comment, setComment] = useState('');
  const save = useMutation({
    mutationFn: () =>
      api.put('/api/v1/libraries/lists/{list}/members/{entity}/follow-up', {
        params: { list: list.id, entity },
        body: { state: chosen, ...(comment ? { comment } : {}) },
      }),
    onSuccess: () => {
      message.success(t('lists.saved'));
      void client.invalidateQueries({ queryKey: ['lists', list.id] });
    },
  });
  return (
    <div className="stack-s">
      <label htmlFor={`${id}-s`}>{t('lists.follow-state')}</label>
      <Select
        id={`${id}-s`}
        aria-label={t('lists.follow-state')}
        value={chosen}
        onChange={setChosen}
        options={list.states.map((s) => ({ value: s.id, label: say(s.title) }))}
      />
      <label htmlFor={`${id}-c`}>{t('lists.comment')}</label>
      <Input.TextArea
        id={`${id}-c`}
        rows={3}
        maxLength={500}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      {save.isError ? <Failure error={save.error} /> : null}
      <div>
        <Button type="primary" loading={save.isPending} onClick={() => save.mutate()}>
          {t('lists.save')}
        </Button>
      </div>
    </div>
  );
}
