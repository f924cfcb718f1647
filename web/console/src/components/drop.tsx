/** The field onto which a file is dropped, sent as it is with its progress and a way to stop. */
import { InboxOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Upload } from 'antd';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { sendFile } from '../api/client.ts';
import { percent } from '../format/index.ts';
import { useSpeech } from '../i18n/index.ts';
import { Failure } from './states.tsx';

/** `address` is where a file of this name goes; `sent` shows what the hub answered. */
export function FileDrop<T>(props: {
  address: (file: File) => string;
  title: string;
  note: string;
  sending: (name: string) => string;
  onSent?: (answer: T) => void;
  sent?: (answer: T, file: File) => ReactNode;
}) {
  const { t } = useSpeech();
  const [bytes, setBytes] = useState(0);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const send = useMutation({
    mutationFn: (file: File) => {
      stop.current = new AbortController();
      setBytes(0);
      return sendFile<T>(props.address(file), file, setBytes, stop.current.signal);
    },
    onSuccess: (answer) => props.onSent?.(answer),
  });
  const file = send.variables;
  const stopped = send.error instanceof DOMException && send.error.name === 'AbortError';
  return (
    <>
      <Upload.Dragger
        showUploadList={false}
        disabled={send.isPending}
        beforeUpload={(chosen) => {
          send.mutate(chosen);
          // The hub's own way of sending is used, not the component's.
          return false;
        }}
      >
        <p>
          <InboxOutlined aria-hidden="true" /> {props.title}
        </p>
        <p className="small quiet">{props.note}</p>
      </Upload.Dragger>
      {send.isPending && file ? (
        <div role="status">
          <div className="row spread small">
            <span className="clip">{props.sending(file.name)}</span>
            <span className="num">{percent(file.size ? bytes / file.size : 1, 0)}</span>
          </div>
          <progress className="progress" aria-label={file.name} value={bytes} max={Math.max(1, file.size)} />
          <Button size="small" type="text" onClick={() => stop.current?.abort()}>
            {t('common.cancel')}
          </Button>
        </div>
      ) : null}
      {send.isError && !stopped ? <Failure error={send.error} /> : null}
      {send.data && file ? props.sent?.(send.data, file) : null}
    </>
  );
}
