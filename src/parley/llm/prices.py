"""What a call costs, from the price list that comes with genai-prices. An unknown price is None, never zero."""

from urllib.parse import urlsplit

from parley.llm.chat import TokenUsage

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def price_usd(base_url: str, model: str, usage: TokenUsage) -> float | None:
    """Return the price in US dollars.

    Args:
        base_url: tells the provider; one that is not on the list (a local server, say) has no known price.
    """
    if (urlsplit(base_url).hostname or "") in _LOCAL:
        return None
    from genai_prices import Usage, calc_price  # its price list takes half a second and 40 MB to load

    try:
        price = calc_price(
            Usage(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens),
            model_ref=model,
            provider_api_url=base_url,
        )
    except LookupError:
        return None
    return float(price.total_price)


def embedding_price(base_url: str, model: str) -> float | None:
    """Return the price of a million tokens embedded, in US dollars."""
    return price_usd(base_url, model, TokenUsage(1_000_000, 0))
