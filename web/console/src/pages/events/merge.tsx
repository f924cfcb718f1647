/** What people say of recognition and of places: this event is another one too; it lies here. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Empty, Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { PlaceMap } from './place-map.tsx';
import { type CityEvent, type EventPage, useNames, usePlace } from './shared.tsx';

export function Merge({ page }: { page: EventPage }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const names = useNames();
  const place = usePlace();
  const id = useId();
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState('');
  const [into, setInto] = useState<CityEvent>();
  const [comment, setComment] = useState('');
  const found = useQuery({
    queryKey: ['events', 'list', 'merge', words],
    queryFn: ({ signal }) => api.get('/api/v1/events', { query: { q: words, limit: 8 }, signal }),
    enabled: open && words.trim().length >= 2,
  });
  const merge = useMutation({
    mutationFn: () =>
      api.post('/api/v1/events/{id}/merge', {
        params: { id: page.event.id },
        body: { into: into!.id, comment: comment.trim() },
      }),
    onSuccess: () => {
      void message.success(t('events.merged', { number: into?.number }));
      setOpen(false);
      return client.invalidateQueries({ queryKey: ['events'] });
    },
  });
  const choices = (found.data?.events ?? (words ? [] : page.alike)).filter((e) => e.id !== page.event.id);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('events.merge')}</Button>
      <Modal
        open={open}
        title={t('events.merge-title', { number: page.event.number })}
        onCancel={() => setOpen(false)}
        onOk={() => merge.mutate()}
        okText={t('events.merge-go')}
        cancelText={t('common.cancel')}
        okButtonProps={{ loading: merge.isPending, disabled: !into || [...comment.trim()].length < 2 }}
      >
        <div className="stack-s">
          <p>{t('events.merge-text')}</p>
          <label htmlFor={`${id}-q`} className="small">
            {t('events.merge-find')}
          </label>
          <Input
            id={`${id}-q`}
            value={words}
            maxLength={60}
            placeholder={t('events.words-hint')}
            onChange={(event) => setWords(event.target.value)}
          />
          {choices.length ? (
            <ul className="event-pick">
              {choices.map((e) => (
                <li key={e.id}>
                  <button type="button" aria-pressed={into?.id === e.id} onClick={() => setInto(e)}>
                    <strong>{names.matter(e.matter)}</strong> <span className="num">{e.number}</span>
                    <span className="small quiet"> {place(e)}</span>
                    <span className="small event-row-text">{e.text}</span>
                  </button>
                </li>
              ))}
            </ul>
          ) : (
            <Empty title={t(words ? 'events.merge-none' : 'events.merge-search')} />
          )}
          <label htmlFor={`${id}-c`} className="small">
            {t('events.comment-needed')}
          </label>
          <Input.TextArea
            id={`${id}-c`}
            rows={2}
            maxLength={500}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          {merge.isError ? <Failure error={merge.error} /> : null}
        </div>
      </Modal>
    </>
  );
}

/** 标定位置: an event without a place, or with a wrong one, is put where it is. */
export function SetPlace({ event }: { event: CityEvent }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState<{ lon: number; lat: number } | null>(
    event.longitude === null ? null : { lon: event.longitude, lat: event.latitude! },
  );
  const [address, setAddress] = useState(event.address ?? '');
  const save = useMutation({
    mutationFn: () =>
      api.post('/api/v1/events/{id}/place', {
        params: { id: event.id },
        body: { longitude: at!.lon, latitude: at!.lat, ...(address.trim() ? { address: address.trim() } : {}) },
      }),
    onSuccess: () => {
      void message.success(t('events.place-set'));
      setOpen(false);
      return client.invalidateQueries({ queryKey: ['events'] });
    },
  });
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t(event.longitude === null ? 'events.set-place' : 'events.mend-place')}
      </Button>
      <Modal
        open={open}
        width={680}
        title={t('events.set-place')}
        onCancel={() => setOpen(false)}
        onOk={() => save.mutate()}
        okText={t('common.save')}
        cancelText={t('common.cancel')}
        okButtonProps={{ loading: save.isPending, disabled: !at }}
      >
        <div className="stack-s">
          <p className="small quiet">{event.text}</p>
          {open ? <PlaceMap at={at} onPlace={setAt} height={340} /> : null}
          <label htmlFor={id} className="small">
            {t('events.address')}
          </label>
          <Input id={id} value={address} maxLength={300} onChange={(e) => setAddress(e.target.value)} />
          {save.isError ? <Failure error={save.error} /> : null}
        </div>
      </Modal>
    </>
  );
}
