/** One member of a list: why it is on it, and where its case stands; a word on it is kept with who said it and when. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Input, Select } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { day, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Cell } from '../credit/cell.tsx';
import { stateTitle } from './list.tsx';

type Detail = Answer<'/api/v1/libraries/lists/{list}'>;

export function MemberDrawer({ list, entity, onClose }: { list: Detail; entity: number; onClose: () => void }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
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
            {may('lists.handle') ? (
              <>
                <Word key={`${data.state}-${data.at}`} list={list} entity={entity} state={data.state} />
                <Doubt list={list} entity={entity} />
              </>
            ) : null}
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

/** What of a member may be doubted, by the kind of member. */
const doubtful = {
  person: ['name', 'number', 'address', 'division', 'status', 'record'],
  'legal-person': ['name', 'number', 'address', 'status', 'record'],
} as const;

/** Asks the department of the source about data that a member's case shows to be wrong. */
function Doubt({ list, entity }: { list: Detail; entity: number }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [open, setOpen] = useState(false);
  const [field, setField] = useState<string>(doubtful[list.subject][0]);
  const [comment, setComment] = useState('');
  const ask = useMutation({
    mutationFn: () =>
      api.post('/api/v1/libraries/lists/{list}/members/{entity}/corrections', {
        params: { list: list.id, entity },
        body: { field, comment: comment.trim() },
      }),
    onSuccess: ({ raised }) => {
      message.success(t(raised ? 'lists.doubt.sent' : 'lists.doubt.known'));
      setOpen(false);
      setComment('');
      void client.invalidateQueries({ queryKey: ['corrections'] });
    },
  });
  if (!open)
    return (
      <div>
        <Button onClick={() => setOpen(true)}>{t('lists.doubt.open')}</Button>
      </div>
    );
  return (
    <section className="stack-s note" aria-label={t('lists.doubt.open')}>
      <p className="small">{t('lists.doubt.lead')}</p>
      <label htmlFor={`${id}-f`}>{t('lists.doubt.field')}</label>
      <Select
        id={`${id}-f`}
        aria-label={t('lists.doubt.field')}
        value={field}
        onChange={setField}
        options={doubtful[list.subject].map((value) => ({ value, label: t(`lists.doubt.of.${value}`) }))}
      />
      <label htmlFor={`${id}-d`}>{t('correct.comment')}</label>
      <Input.TextArea
        id={`${id}-d`}
        rows={2}
        maxLength={500}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      {ask.isError ? <Failure error={ask.error} /> : null}
      <div className="row">
        <Button
          type="primary"
          disabled={comment.trim().length < 2}
          loading={ask.isPending}
          onClick={() => ask.mutate()}
        >
          {t('lists.doubt.send')}
        </Button>
        <Button onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
      </div>
    </section>
  );
}
