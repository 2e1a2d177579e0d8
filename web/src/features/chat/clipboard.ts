import { toast } from "@/ui";

/** Copies text and says when the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    toast("The browser did not allow copying. Select the text and copy it by hand.", "bad");
    return false;
  }
}
