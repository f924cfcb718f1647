/** The field onto which files are dropped that stay on this device. */
import { FileProtectOutlined } from '@ant-design/icons';
import { Upload } from 'antd';
import type { ReactNode } from 'react';

/** `onFiles` is told once for everything that was dropped together. */
export function LocalDrop({
  title,
  note,
  onFiles,
  disabled = false,
  multiple = true,
}: {
  title: string;
  note: ReactNode;
  onFiles: (files: File[]) => void;
  disabled?: boolean;
  multiple?: boolean;
}) {
  return (
    <Upload.Dragger
      className="no-print"
      multiple={multiple}
      showUploadList={false}
      disabled={disabled}
      beforeUpload={(file, all) => {
        // Asked for every file of one drop; answered with the last of them.
        if (file === all.at(-1)) onFiles(all);
        // Nothing is uploaded.
        return false;
      }}
    >
      <p>
        <FileProtectOutlined aria-hidden="true" /> {title}
      </p>
      <p className="small quiet">{note}</p>
    </Upload.Dragger>
  );
}
