import { useEffect, useState } from "react";
import { useClient } from "@/lib/matrix/context";
import { pictureAddress } from "@/lib/matrix/media";
import { Avatar } from "@/ui/Avatar";

interface Props {
  id: string;
  name: string;
  mxc?: string | undefined;
  size?: number;
}

/** An avatar whose picture is fetched with the member's token. */
export function Picture({ id, name, mxc, size = 44 }: Props) {
  const client = useClient();
  const [found, setFound] = useState<{ mxc: string; image: string }>();
  useEffect(() => {
    if (!mxc) return;
    let isWanted = true;
    pictureAddress(client, mxc).then(
      (image) => {
        if (isWanted) setFound({ mxc, image });
      },
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [client, mxc]);
  const image = found && found.mxc === mxc ? found.image : undefined;
  return <Avatar id={id} name={name} image={image} size={size} />;
}
